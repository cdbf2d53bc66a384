"""Every setting once: from the environment (`VORONKA_...`), a `.env` file in the working folder, or the default."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Settings of one instance. What belongs to the workspace (name, mail server ...) is kept in the workspace itself."""

    model_config = SettingsConfigDict(env_prefix="VORONKA_", env_file=".env", extra="ignore", use_attribute_docstrings=True)

    data: Path = Path("data")
    """The data folder: the workspace's database and files."""
    database_url: str = ""
    """A PostgreSQL database that holds the workspace in the place of a file of the data folder: postgresql://user:password@host/name."""
    carrier: Literal["notify", "procrastinate"] = "notify"
    """What takes the word that robots have work from one process to another on PostgreSQL: notify, or jobs of Procrastinate's."""
    host: str = "127.0.0.1"
    """The address the server listens on."""
    port: int = Field(default=8501, ge=1, le=65535)
    """The port the server listens on."""
    hosts: str = ""
    """Names under which browsers reach the server, comma-separated; localhost, this machine's name and addresses always may."""
    language: str = "en"
    """The language before anybody has signed in: en or ru."""
    worker: bool = True
    """Run robots in the app's own process; off when `voronka worker` runs beside it."""
    smtp_host: str = ""
    """Mail server; empty: mail stays in the outbox. The workspace's own setting goes first."""
    smtp_port: int = Field(default=587, ge=1, le=65535)
    """Port of the mail server."""
    smtp_user: str = ""
    """User at the mail server."""
    smtp_password: str = ""
    """Password at the mail server."""
    smtp_from: str = ""
    """The address mail is sent from."""
    smtp_tls: bool = True
    """Use STARTTLS."""
    private_calls: bool = False
    """Let webhooks reach private addresses (this machine, the local network)."""
    upload_megabytes: int = Field(default=200, ge=1, le=4096)
    """The largest file that may be uploaded."""
    held_megabytes: int = Field(default=500, ge=1, le=65536)
    """Megabytes of uploaded files that one person's open pages may hold in memory; those of all people four times as many."""
    upload_refused: str = "bat,cmd,com,cpl,exe,hta,jar,js,lnk,msi,ps1,reg,scr,vbs,wsf"
    """Endings of file names that are refused, because opening such a file runs it; empty: none."""

"""The engine on PostgreSQL. Needs the extra `postgres`; nothing outside of this folder imports psycopg."""

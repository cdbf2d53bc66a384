"""Inputs made from what they are for: a field's value, a condition, the parameters of a kind."""

from pages.parts.forms.conditions import condition_builder, is_unread
from pages.parts.forms.params import params_form
from pages.parts.forms.typed import Unread, readable
from pages.parts.forms.uploads import Uploads, store_uploads
from pages.parts.forms.values import field_input

__all__ = ["Unread", "Uploads", "condition_builder", "field_input", "is_unread", "params_form", "readable", "store_uploads"]

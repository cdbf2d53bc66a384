"""Inputs made from what they are for: a field's value, a condition, the parameters of a kind."""

from pages.parts.forms.conditions import condition_builder
from pages.parts.forms.params import params_form
from pages.parts.forms.uploads import Uploads, store_uploads
from pages.parts.forms.values import field_input

__all__ = ["Uploads", "condition_builder", "field_input", "params_form", "store_uploads"]

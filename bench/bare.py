"""The least that Streamlit can show and do: the floor under our pages. Not a bench itself; bench/pages.py serves it."""

import streamlit as st

st.session_state.runs = st.session_state.get("runs", 0) + 1
st.button("again")
st.text(f"run {st.session_state.runs}")

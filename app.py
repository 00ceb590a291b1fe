"""Streamlit entry: navigation, nothing else. `sellergraph app` starts it; views/ holds the pages."""

from __future__ import annotations

import streamlit as st

from views.common import PAGES, page_of

# Drawn here: Streamlit would fetch the picture of a named icon from an outside host.
ICON = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<path d="M8 9 24 7M8 9l9 15M24 7l-7 17" stroke="#6b7280" stroke-width="2.5"/>
<circle cx="8" cy="9" r="5" fill="#0072b2"/><circle cx="24" cy="7" r="4" fill="#009e73"/>
<circle cx="17" cy="24" r="6" fill="#d55e00"/></svg>"""

st.set_page_config(page_title="sellergraph", page_icon=ICON, layout="wide")
st.navigation([page_of(name) for name in PAGES]).run()

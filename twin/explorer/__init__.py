"""The explorer: pages of a Streamlit app. Nothing is computed here; pages ask studies and outputs, and show."""

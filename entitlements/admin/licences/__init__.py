"""The screens for licences: found, issued, suspended, moved; how each product's behave; what their files are signed with."""

"""Pictures as SVG text for pages, reports and mails: no library, no script, read without colour. Pure.

`trend` draws weeks against an objective, `heat` hours by weekday, `wait_bar` a wait against its limit, `time_line` what happened
in a contact. Each picture has a name for screen readers; what has many figures has them in a `Table` too.
"""

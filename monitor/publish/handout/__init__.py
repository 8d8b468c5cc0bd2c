"""The weekly report as it is handed out: a page, one HTML file, paper, a mail."""

"""What people and programs see: metrics and pages, made from the snapshot alone."""

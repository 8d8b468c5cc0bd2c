"""What is one database's alone: connections, locks, upserts and the meaning of its errors."""

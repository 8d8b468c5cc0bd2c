"""Mail: IMAP, mailbox files and headers, from bytes to conversations."""

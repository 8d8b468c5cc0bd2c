"""Date expressions in free text and the moments they mean. Pure; bounded on any text."""

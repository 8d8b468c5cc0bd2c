"""How each kind of event changes what is known of a contact, one module a question; put together by `domain.fold`."""

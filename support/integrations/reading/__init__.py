"""Who reads a ticket: the desk’s own classifier, a language model over HTTP, or a validator outside, which answers later."""

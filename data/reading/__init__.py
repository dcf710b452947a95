"""From the bytes of an export to rows of text that know their source: formats, headers, mappings, and the child that reads."""

"""One file a source type; the file name is the type. Files with a leading underscore are shared protocol code."""

"""Records of this app as files; the importer itself is the catalog's (`catalog/imports`)."""

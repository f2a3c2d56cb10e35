"""The desk in a browser (工作台): a face beside the command line; no rule and no SQL stands here."""

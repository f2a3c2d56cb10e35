"""The sealed draw: whole numbers and HMAC-SHA256 only. The contract is ``docs/sealed-draw.md``."""

"""The leak test: what somebody who knows everything but the key could have foretold of the visits."""

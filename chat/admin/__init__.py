"""The Django admin: who has an account, and what was said."""

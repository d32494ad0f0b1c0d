"""Public channels of Telegram, by the preview that anybody's browser shows."""

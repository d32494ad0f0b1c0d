"""What a watch found becomes a case, by the way that every report goes: same keys, same joining, same captures."""

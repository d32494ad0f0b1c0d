"""The demonstration: two associations, their members, and Agora to report to. Everybody is invented."""

"""The thinking of the followup room: what came back, what is online, what is late. Free of framework and clock."""

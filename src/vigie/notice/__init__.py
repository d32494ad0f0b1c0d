"""What is sent to a platform or an authority: written, checked, approved, shown as it leaves."""

"""What an organiser shows besides having the mailbox: an app's code, a passkey, a kept code."""

"""What the links in our mails open: nobody has to sign in, and each is good for one person."""

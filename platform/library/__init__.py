"""What the community shares: feeds and their recordings, materials, published contributions."""

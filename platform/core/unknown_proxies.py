"""Proxies that nobody named: all their visitors look like one, so the operator hears of it."""

from redis import Redis

KEPT_SECONDS = 7 * 24 * 3600
MOST = 20
_KEY = "staffroom:unknown-proxies"


def note_proxy(redis: Redis, address: str) -> None:
    """Remember that somebody at `address` forwards visitors to us. Raises RedisError."""
    if redis.scard(_KEY) < MOST:
        redis.sadd(_KEY, address[:60])
        redis.expire(_KEY, KEPT_SECONDS)


def noted_proxies(redis: Redis) -> list[str]:
    """The addresses of the last week. Raises RedisError."""
    return sorted(
        address.decode() if isinstance(address, bytes) else str(address)
        for address in redis.smembers(_KEY)
    )

"""A token bucket in Valkey that several processes share, and that says how long to wait.

It begins carefully, climbs while nobody says "too fast", and goes slower for a while when somebody
does. (`limits` counts whole acts in windows, and cannot say how long to wait.)
"""

from dataclasses import dataclass

from redis import Redis
from redis.exceptions import RedisError

from core.errors import Unavailable


@dataclass(frozen=True)
class Climb:
    """Which share of a rate is used: from `floor`, by `a_second`, to `top`; after "too fast" it is
    multiplied by `slower`, never below `slowest`, for `slow_seconds`."""

    floor: float
    top: float
    a_second: float
    slower: float
    slowest: float
    slow_seconds: int


# The bucket is one number: the moment at which it will be full again. Its clock is Valkey's; one
# that was put back may have left that moment far ahead.
_TAKE = """
local rate, cost, burst = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local floor, top, climb = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local since = tonumber(redis.call('GET', KEYS[2]) or '')
if not since or since > now + 120 then
  since = now
  redis.call('SET', KEYS[2], string.format('%.6f', now))
end
local share = math.max(floor, math.min(top, floor + climb * (now - since)))
local allowed = rate * share * tonumber(redis.call('GET', KEYS[3]) or '1')
local full = tonumber(redis.call('GET', KEYS[1]) or '0')
if full < now or full > now + 2 * (burst + cost) / allowed + 1 then full = now end
local wait = full + cost / allowed - now - burst / allowed
if wait > 0.0005 then return {string.format('%.6f', wait), string.format('%.6f', allowed)} end
redis.call('SET', KEYS[1], string.format('%.6f', full + cost / allowed), 'EX', 3600)
return {'0', string.format('%.6f', allowed)}
"""
_SLOW_DOWN = """
local time = redis.call('TIME')
local slow = tonumber(redis.call('GET', KEYS[2]) or '1') * tonumber(ARGV[1])
redis.call('SET', KEYS[2], string.format('%.6f', math.max(slow, tonumber(ARGV[2]))), 'EX', ARGV[3])
redis.call('SET', KEYS[1], string.format('%.6f', time[1] + ARGV[3]))
"""


class TokenBucket:
    """One bucket, by its name."""

    def __init__(self, redis: Redis, name: str, climb: Climb) -> None:
        self._take = redis.register_script(_TAKE)
        self._slow_down = redis.register_script(_SLOW_DOWN)
        self._keys = [f"staffroom:{name}:{part}" for part in ("bucket", "since", "slow")]
        self._climb = climb

    def take(self, rate: float, cost: int, burst: int) -> tuple[float, float]:
        """Take so many tokens of a bucket that gets `rate` a second and holds `burst`.

        Returns the seconds to wait where there are not enough yet (nothing is taken then), and the
        rate that is used now. Raises Unavailable if Valkey does not answer.
        """
        climb = self._climb
        args = [rate, cost, burst, climb.floor, climb.top, climb.a_second]
        try:
            wait, allowed = self._take(keys=self._keys, args=args)
        except RedisError as error:
            raise Unavailable("the rate limiter does not answer") from error
        return float(wait), float(allowed)

    def slow_down(self) -> None:
        """It was too fast, for all. Raises Unavailable."""
        climb = self._climb
        try:
            self._slow_down(
                keys=self._keys[1:], args=[climb.slower, climb.slowest, climb.slow_seconds]
            )
        except RedisError as error:
            raise Unavailable("the rate limiter does not answer") from error

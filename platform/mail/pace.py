"""Keeping to the rate of the account: one token bucket in Valkey, shared by all workers.

We begin at 90 % of the allowed rate and come up to 98 % while nothing is throttled. Each throttling
answer takes a fifth off for a minute, and the climb begins again. No limiter, no sending: it would
be a guess. (`limits` counts whole acts in windows and cannot say how long to wait.)
"""

from redis import Redis
from redis.exceptions import RedisError

from core.errors import Unavailable
from mail.transport import LARGEST_CALL

FLOOR, TOP = 0.90, 0.98
CLIMB = 0.01
"""Of the rate, each second."""
SLOWER = 0.8
SLOWEST = 0.2
SLOW_SECONDS = 60
CALLS_A_SECOND = 4
"""Calls are so small that there are this many a second: bursts stay short."""

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
_BUCKET, _SINCE, _SLOW = (f"staffroom:pace:{name}" for name in ("bucket", "since", "slow"))


class Pace:
    """Lets recipients through at the allowed rate."""

    def __init__(self, redis: Redis) -> None:
        self._take = redis.register_script(_TAKE)
        self._slow_down = redis.register_script(_SLOW_DOWN)
        self._allowed: tuple[float, float] | None = None

    def a_second(self, rate: float) -> float:
        """How many recipients a second of a `rate` we allowed ourselves when last asked."""
        known_of, allowed = self._allowed or (rate, rate * FLOOR)
        return allowed * rate / known_of

    def batch(self, rate: float) -> int:
        """How many recipients one call may have: small enough to use a second's worth up evenly."""
        return max(1, min(LARGEST_CALL, int(self.a_second(rate) / CALLS_A_SECOND)))

    def take(self, recipients: int, rate: float) -> float:
        """Take tokens for so many recipients; the seconds to wait where there are not enough yet.

        Raises Unavailable if the bucket cannot be reached.
        """
        burst = max(recipients, self.batch(rate))
        try:
            wait, allowed = self._take(
                keys=[_BUCKET, _SINCE, _SLOW], args=[rate, recipients, burst, FLOOR, TOP, CLIMB]
            )
        except RedisError as error:
            raise Unavailable("the rate limiter does not answer") from error
        self._allowed = rate, float(allowed)
        return float(wait)

    def slow_down(self) -> None:
        """SES said "too fast": every worker goes slower for the next minute. Raises Unavailable."""
        try:
            self._slow_down(keys=[_SINCE, _SLOW], args=[SLOWER, SLOWEST, SLOW_SECONDS])
        except RedisError as error:
            raise Unavailable("the rate limiter does not answer") from error

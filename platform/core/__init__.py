"""The ground everything stands on: settings, storage, time, tokens, wake-ups, languages."""

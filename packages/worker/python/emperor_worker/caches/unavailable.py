"""Stands for a cache whose file could not be opened, which the vassal has told: keeps nothing."""


class UnavailableCache:
    def get(self, key):
        return None

    def has(self, key):
        return False

    def set(self, key, value, expires, only_if_absent):
        return False

    def delete(self, key):
        return False

    def clear(self):
        return False

    def keys(self):
        return []

    def calculate(self, key, operation, expires):
        return False

    def number(self, key):
        return 0

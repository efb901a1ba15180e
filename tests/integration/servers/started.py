"""What is started for a while, as a context manager."""


class Started:
    """Of a class with start(), which returns it, and close(), which also ends what
    was started in part."""

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *error):
        self.close()

"""What Weir adds to LocalStack: functions as Node processes, a record of their AWS calls, and faults for tests.

The package is not installed: its folder is on PYTHONPATH, and LocalStack finds it by the dist-info folder beside it.
"""

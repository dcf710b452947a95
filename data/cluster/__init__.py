"""Measures made on a Spark cluster by the same SQL; imported only where [spark] is set, so that nobody else needs its packages."""

import warnings

# said of its pandas functions, of which none is called here
warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)

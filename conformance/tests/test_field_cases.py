#!/usr/bin/env python3
"""Every field case says its cause in the first line, and conformance/FIELD_CASES.md shows that line."""
import sys

import field_cases

sys.exit(field_cases.main([]))

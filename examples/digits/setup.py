from setuptools import Extension, setup

import cypool

extension = Extension("digits", ["digits.c"], include_dirs=[cypool.get_include()])
setup(name="digits", version="1", ext_modules=[extension])

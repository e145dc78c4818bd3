from setuptools import Extension, setup

import cypool

extension = Extension("pooled_c", ["pooled_c.c"], include_dirs=[cypool.get_include()])
setup(name="pooled_c", version="1", ext_modules=[extension])

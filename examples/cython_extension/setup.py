from setuptools import Extension, setup

import cypool

extension = Extension("pooled_cython", ["pooled_cython.pyx"], include_dirs=[cypool.get_include()])
setup(name="pooled_cython", version="1", ext_modules=[extension])

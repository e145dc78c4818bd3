from setuptools import Extension, setup

import cypool

extension = Extension("pooled_cpp", ["pooled_cpp.cpp"], include_dirs=[cypool.get_include()])
setup(name="pooled_cpp", version="1", ext_modules=[extension])

from setuptools import Extension, setup

import cypool

extension = Extension("call_cost", ["call_cost.c"], include_dirs=[cypool.get_include()])
setup(name="call_cost", version="1", ext_modules=[extension])

"""What asv measures: files that mirror the package, over `rows` (the cases), `libraries` (who runs them), `measure`."""

"""The dependencies held against what is known of their vulnerabilities (`make audit`)."""

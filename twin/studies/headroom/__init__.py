"""How much more a site carries, what binds first, what losing a unit does, and what each of them costs."""

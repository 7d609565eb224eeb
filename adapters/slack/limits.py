"""What Slack accepts. Lengths are in characters, counted as UTF-16 units to be safe."""

# A message
MESSAGE_BLOCKS = 50
# Slack names no limit for the text of all blocks together; 9,597 were accepted, 11,341 refused.
MESSAGE_TEXT = 9000

# Home tab and modal
VIEW_BLOCKS = 100
VIEW_TITLE = 24
VIEW_BUTTON = 24

CONFIRM_TITLE = 100
CONFIRM_TEXT = 300
CONFIRM_BUTTON = 30

# Blocks and their elements
BLOCK_TEXT = 3000
HEADER_TEXT = 150
BUTTON_TEXT = 75
INPUT_LABEL = 2000
INPUT_HINT = 2000
INPUT_VALUE = 3000
OPTION_TEXT = 75
OPTION_VALUE = 150
SELECT_OPTIONS = 100
LINK_URL = 3000

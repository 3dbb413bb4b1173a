python3 -m pip install -r examples/receivers/python/requirements.txt
PORT=8080 python3 examples/receivers/python/receiver.py

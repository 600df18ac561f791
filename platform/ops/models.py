"""ops의 표는 아직 없다.

이 모듈이 있어야 Django가 ops에 post_migrate를 보내고, 그때 역할을 맞춘다(apps.py).
"""
